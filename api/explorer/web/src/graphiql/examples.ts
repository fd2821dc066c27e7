/**
 * Queries to begin with. Where one needs names, they are taken from the store, so that every
 * example runs wherever the page is opened.
 */

import { ask } from "../app/client";

export interface Example {
  readonly title: string;
  /** What it shows. */
  readonly about: string;
  readonly query: string | (() => Promise<string>);
}

const STRETCH = `{ store { touchpoints } journeys { commonPaths(form: NGRAM, length: 3, first: 20) { nodes { items } } } }`;
const SOMEBODY = `{ journeys { customers(first: 1) { nodes { id } } referrals { advocates(first: 1) { customer } } } }`;

export const EXAMPLES: readonly Example[] = [
  {
    title: "Common paths",
    about: "The ways that most customers go, from first to last, and how they end.",
    query: `# Whole journeys, most frequent first.
{
  journeys(rules: {collapse: true}) {
    warnings
    commonPaths(first: 10) {
      units
      coverage
      nodes {
        items
        units
        share
        outcomeRate { value low high }
        medianSeconds
        value
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`,
  },
  {
    title: "Transitions",
    about: "What directly follows what, and how long it takes.",
    query: `# What directly follows what.
{
  journeys {
    transitions(first: 20) {
      coverage
      nodes {
        source
        target
        units
        share
        count
        medianSeconds
        p95Seconds
      }
    }
  }
}`,
  },
  {
    title: "Drop-off",
    about: "Where customers are seen last without the outcome; who may still come back is open.",
    query: `# Gone: not seen for 30 days. Else open.
{
  journeys {
    warnings
    dropOff(inactivity: "30d") {
      units
      exits
      open
      withOutcome
      nodes {
        item
        visits
        exits
        open
        rate { value low high }
        customers(first: 5) {
          count
          nodes { id }
        }
      }
    }
  }
}`,
  },
  {
    title: "Funnel",
    about: "How many take these steps in this order, and where the others stay.",
    query: async () => `# Ctrl+Space proposes what can stand in a place.
{
  journeys {
    funnel(
      steps: [
${(await steps()).map((name) => `        {anyOf: [${JSON.stringify(name)}]}`).join("\n")}
      ]
      window: "30d"
    ) {
      units
      steps {
        label
        units
        ofFirst
        ofPrevious
        dropped
        open
        medianSeconds
      }
    }
  }
}`,
  },
  {
    title: "Referral chains",
    about: "Who brings whom: the largest chains, and the customers who bring most.",
    query: `# Who brings whom.
{
  journeys {
    referrals {
      roots
      referred
      share
      selfReferralsCut
      cyclesCut
      maxDepth
      chains(first: 5) {
        root
        size
        depth
        value
      }
      advocates(first: 5) {
        customer
        brought
        downstream
        downstreamValue
      }
    }
  }
}`,
  },
  {
    title: "Loyalty touchpoints",
    about: "Which touchpoints go with buying again.",
    query: `# What goes with buying again within 90 days.
{
  journeys {
    loyaltyTouchpoints(
      loyalty: {repeatPurchaseWithin: "90d"}
      first: 10
    ) {
      units
      loyal
      baseRate
      censored
      wording
      warnings
      nodes {
        touchpoint
        exposed
        exposedRate
        unexposedRate
        lift
        oddsRatio { value low high }
        pValue
        qValue
        small
      }
    }
  }
}`,
  },
  {
    title: "One customer",
    about: "A complete history, and who brought whom.",
    query: async () => `{
  customer(id: ${JSON.stringify(await somebody())}) {
    id
    attributes { name value }
    interactions(first: 50) {
      count
      nodes {
        at
        touchpoint
        channel
        stage
        value
        emotion
      }
    }
    referredBy { id }
    referred { id }
    links {
      root
      depth
      brought
      downstream
      downstreamValue
    }
  }
}`,
  },
];

/** Steps that somebody takes: the usual ones where they are there, else the most frequent stretch. */
async function steps(): Promise<readonly string[]> {
  const usual = ["product page", "cart", "purchase"];
  const { data } = await ask({ query: STRETCH, variables: {} });
  const touchpoints: readonly string[] = data?.["store"]?.touchpoints ?? [];
  if (usual.every((name) => touchpoints.includes(name))) return usual;
  const stretches: readonly string[][] = (data?.journeys?.commonPaths?.nodes ?? []).map(({ items }: { items: string[] }) => items);
  return stretches.find((items) => new Set(items).size === 3) ?? stretches[0] ?? touchpoints.slice(0, 2);
}

async function somebody(): Promise<string> {
  const { data } = await ask({ query: SOMEBODY, variables: {} });
  return data?.journeys?.referrals?.advocates[0]?.customer ?? data?.journeys?.customers?.nodes[0]?.id ?? "";
}
