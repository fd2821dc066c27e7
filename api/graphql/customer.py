"""Customers, in GraphQL: one by one, behind every count, and along the chains of referrals.

Wherever a customer is named, all that is known can be asked for at once; nothing but the id is
looked up unless it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import graphene

from api.graphql import fields, next_best_options
from api.graphql.feedback_kinds import kinds_argument
from api.graphql.interactions import Interactions, InteractionsPage
from api.graphql.profile_fields import ProfileFields
from queries.customer import CustomerProfile, customer
from queries.customer_feedback import CustomerFeedback, customer_feedback
from queries.feedback import FeedbackKind
from queries.next_best import next_best

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph
    from queries.customer_lists import CustomerList
    from queries.referral_links import ReferralLinks

__all__ = ["Customer", "CustomerReference", "customer_list"]


class CustomerReference:
    """A customer by id; all else is looked up when somebody asks for it."""

    def __init__(self, graph: JourneyGraph, id: str) -> None:  # noqa: A002
        self.graph = graph
        self.id = id

    @cached_property
    def profile(self) -> CustomerProfile:
        """What the store holds of the customer; UnknownCustomerError where nothing."""
        return customer(self.graph, self.id)

    @classmethod
    def of(cls, profile: CustomerProfile) -> CustomerReference:
        """A customer who was looked up already."""
        reference = cls(profile.graph, profile.id)
        reference.profile = profile
        return reference


class _CustomersPage:
    """A page of customers, and how many there are in all."""

    def __init__(self, graph: JourneyGraph, count: int, ids: Sequence[str], end: Any) -> None:
        self.count = count
        self.nodes = [CustomerReference(graph, customer) for customer in ids]
        self.page_info = end


class CustomerConnection(graphene.ObjectType):
    """A page of customers; of those behind a count in the order of their first appearance."""

    count = fields.count("How many customers there are in all.")
    nodes = fields.nodes(lambda: Customer, "The customers of this page.")
    page_info = fields.page_info()


def _connection(description: str, **options: Any) -> graphene.Field:
    return fields.one(
        CustomerConnection,
        description,
        first=fields.first_argument(100, "How many customers."),
        after=fields.after_argument(),
        **options,
    )


def customer_list(
    description: str,
    attribute: str = "customers",
    read: Callable[[Any], CustomerList] | None = None,
) -> graphene.Field:
    """The list behind a count, read from an attribute of the answer's node or by a function."""
    list_of: Callable[[Any], CustomerList] = read or attrgetter(attribute)

    def resolve(
        node: Any, info: graphene.ResolveInfo, first: int, after: str | None = None
    ) -> _CustomersPage:
        customers = list_of(node)
        found = customers.page(first, after)
        graph = info.context.graph(customers.journeys.graph.version)
        return _CustomersPage(graph, customers.count, found.ids, found)

    return _connection(description, resolver=resolve)


class CustomerLinks(graphene.ObjectType):
    """Where a customer stands in a chain of referrals, up and down."""

    referred_at = fields.moment("When the customer was brought.", "referred_at_us")
    medium = graphene.String(description="By what medium the customer was brought.")
    root = graphene.NonNull(graphene.ID, description="The customer with whom the chain begins.")
    depth = fields.count("Steps below the root.")
    brought = fields.count("Customers brought directly.")
    downstream = fields.count("Customers brought, whom these brought, and so on.")
    downstream_value = fields.amount(
        "What all these brought in after each was referred.", "downstream_value_minor"
    )
    upline = _connection("Who brought the customer, who brought that one, and so on, up.")
    referred = _connection("The customers behind `brought`.")
    all_downstream = _connection(
        "The customers behind `downstream`.",
        depth=graphene.Int(description="Only those at most so many steps below; 1 is `referred`."),
    )

    @staticmethod
    def resolve_upline(
        links: ReferralLinks, _info: graphene.ResolveInfo, first: int, after: str | None = None
    ) -> _CustomersPage:
        found = links.upline(first, after)
        return _CustomersPage(links.graph, links.depth, found.nodes, found.page_info)

    @staticmethod
    def resolve_referred(
        links: ReferralLinks, _info: graphene.ResolveInfo, first: int, after: str | None = None
    ) -> _CustomersPage:
        found = links.referred(first, after)
        return _CustomersPage(links.graph, links.brought, found.ids, found)

    @staticmethod
    def resolve_all_downstream(
        links: ReferralLinks,
        _info: graphene.ResolveInfo,
        first: int,
        after: str | None = None,
        depth: int | None = None,
    ) -> _CustomersPage:
        found = links.all_downstream(first, after, depth)
        return _CustomersPage(links.graph, links.downstream_within(depth), found.ids, found)


class Attribute(graphene.ObjectType):
    """Something that is known of a customer."""

    name = fields.text("The column of the customers table.")
    value = fields.text("What it says.")


def _next_best_answer() -> type[graphene.ObjectType]:
    from api.graphql.next_best import NextBestAnswer  # it has lists of customers

    return NextBestAnswer


def _feedback() -> Any:
    from api.graphql.feedback_items import CustomerFeedback  # which has customers

    return CustomerFeedback


class Customer(ProfileFields, graphene.ObjectType):
    """One customer: what is known, the history, and who brought whom."""

    id = graphene.NonNull(graphene.ID, description="The customer's id, as it was loaded.")
    ids = graphene.NonNull(
        graphene.List(graphene.NonNull(graphene.ID)),
        description="All ids that the customer is known by: `id`, then those merged into it.",
    )
    attributes = fields.nodes(Attribute, "What the customers table says.")
    interactions = fields.one(
        Interactions,
        "The complete history.",
        first=fields.first_argument(50, "How many interactions."),
        after=fields.after_argument(),
    )
    feedback = fields.one(
        _feedback,
        "Complaints, queries, suggestions, praise and promises.",
        open=graphene.Boolean(description="Only what is open, or is not; both if not given."),
        kinds=kinds_argument(),
        first=fields.first_argument(50, "How many."),
        after=fields.after_argument(),
    )
    promises = fields.one(
        _feedback,
        "What was promised to the customer: `feedback` of that kind.",
        open=graphene.Boolean(description="Only what is open, or is not; both if not given."),
        first=fields.first_argument(50, "How many."),
        after=fields.after_argument(),
    )
    referred_by = graphene.Field(
        lambda: Customer, description="Who brought this customer; null where nobody known did."
    )
    referred = fields.nodes(
        lambda: Customer,
        "Whom this customer brought directly; `links` pages through all of them.",
        first=fields.first_argument(100, "How many customers."),
    )
    links = fields.one(CustomerLinks, "Where this customer stands in a chain of referrals.")
    next_best = graphene.Field(
        _next_best_answer,
        description="What to turn to this customer with next; of all journeys by touchpoint.",
        **next_best_options.customer_arguments(),
    )

    @staticmethod
    def resolve_ids(reference: CustomerReference, _info: graphene.ResolveInfo) -> tuple[str, ...]:
        return reference.profile.ids

    @staticmethod
    def resolve_attributes(
        reference: CustomerReference, _info: graphene.ResolveInfo
    ) -> list[dict[str, str]]:
        known = reference.profile.attributes
        return [{"name": name, "value": str(value)} for name, value in known.items()]

    @staticmethod
    def resolve_interactions(
        reference: CustomerReference,
        _info: graphene.ResolveInfo,
        first: int,
        after: str | None = None,
    ) -> InteractionsPage:
        return InteractionsPage(reference.profile, first, after)

    @staticmethod
    def resolve_feedback(
        reference: CustomerReference,
        _info: graphene.ResolveInfo,
        open: bool | None = None,  # noqa: A002
        **options: Any,
    ) -> CustomerFeedback:
        profile = reference.profile
        return customer_feedback(profile.graph, profile.index, is_open=open, **options)

    @staticmethod
    def resolve_promises(
        reference: CustomerReference,
        _info: graphene.ResolveInfo,
        open: bool | None = None,  # noqa: A002
        **options: Any,
    ) -> CustomerFeedback:
        profile, kinds = reference.profile, [FeedbackKind.PROMISE]
        return customer_feedback(profile.graph, profile.index, kinds=kinds, is_open=open, **options)

    @staticmethod
    def resolve_referred_by(
        reference: CustomerReference, _info: graphene.ResolveInfo
    ) -> CustomerReference | None:
        parent = reference.profile.referred_by
        return None if parent is None else CustomerReference(reference.graph, parent)

    @staticmethod
    def resolve_referred(
        reference: CustomerReference, _info: graphene.ResolveInfo, first: int
    ) -> list[CustomerReference]:
        ids = reference.profile.links.referred(first).ids
        return [CustomerReference(reference.graph, referred) for referred in ids]

    @staticmethod
    def resolve_links(reference: CustomerReference, _info: graphene.ResolveInfo) -> ReferralLinks:
        return reference.profile.links

    @staticmethod
    def resolve_next_best(
        reference: CustomerReference, info: graphene.ResolveInfo, **options: Any
    ) -> Any:
        question, view = next_best_options.asked(options)
        journeys = info.context.journeys(reference.graph.version, view)
        return next_best(replace(question, customer=reference.id), journeys)
