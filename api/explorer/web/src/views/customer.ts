/** One customer's page: where they stand, the whole history, feedback, what others did next, and the next best contact. */

import { customerFeedback } from "../figures/customer_feedback";
import { customerHistory, customerSteps } from "../figures/customer_history";
import { customerStanding } from "../figures/customer_standing";
import { nextBest } from "../figures/next_best";
import { similarCustomers } from "../figures/similar_customers";
import { one, type View, type ViewState } from "./view";

const OBJECTIVES = [{ value: "OUTCOME", label: "the outcome" }, { value: "VALUE", label: "value" }, { value: "LOYALTY", label: "loyalty" }];

function objectiveOf(state: ViewState): string {
  return OBJECTIVES.find(({ value }) => value === one(state, "objective"))?.value ?? "OUTCOME";
}

export const customer: View = {
  name: "customer",
  title: "Customer",
  explain: "One customer whole: where they stand, every contact by channel and time, how it felt, what was bought, feedback, referrals, what similar customers did next, and what to turn to them with.",
  ofPopulation: false,
  controls: (state) => [
    { kind: "text", key: "id", label: "Customer", value: one(state, "id"), example: "an id" },
    {
      kind: "choice", key: "axis", label: "Along", value: one(state, "axis") === "steps" ? "steps" : "time",
      options: [{ value: "time", label: "time" }, { value: "steps", label: "steps, one after the other" }],
    },
    { kind: "choice", key: "objective", label: "Next contact for", value: objectiveOf(state), options: OBJECTIVES },
  ],
  ask: (state) => {
    const id = one(state, "id").trim();
    if (!id) return { needs: "Whose page? Type a customer's id, or click a customer in any other view." };
    return {
      root: `customer(id: $id) ${customerHistory.selection}
customer(id: $id) {
standing ${customerStanding.selection}
feedback(first: 100) ${customerFeedback.selection}
similar ${similarCustomers.selection}
nextBest(objective: $objective) ${nextBest.selection.replace("{", "{ warnings")}
}`,
      variables: { id: { type: "ID!", value: id }, objective: { type: "Objective!", value: objectiveOf(state) } },
    };
  },
  figures: (state) => [
    { figure: customerStanding, of: (data) => data["customer"]?.standing, whenEmpty: "The store knows no interaction of this customer." },
    { figure: one(state, "axis") === "steps" ? customerSteps : customerHistory, of: (data) => data["customer"] },
    { figure: customerFeedback, of: (data) => data["customer"]?.feedback, whenEmpty: "No feedback of this customer is known. Load it (journeygraph load FILE --store STORE --table feedback) or record it." },
    { figure: similarCustomers, of: (data) => data["customer"]?.similar, width: 0.5, whenEmpty: "Too few others stood where this customer stands: nothing can be said of what they did next." },
    { figure: nextBest, of: (data) => data["customer"]?.nextBest, width: 0.5, whenEmpty: "Too few were contacted, or not, from where this customer stands: nothing can be said of the next contact." },
  ],
  whenEmpty: "The store knows this customer's id and nothing else.",
};
