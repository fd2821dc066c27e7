/** One customer: the whole history on a line of time, feelings, purchases, and who brought whom. */

import { customerHistory, customerSteps } from "../figures/customer_history";
import { one, type View } from "./view";

export const customer: View = {
  name: "customer",
  title: "Customer",
  explain: "One customer's whole history: every contact by channel and time, how it felt, what was bought, who brought this customer, and whom this customer brought.",
  ofPopulation: false,
  controls: (state) => [
    { kind: "text", key: "id", label: "Customer", value: one(state, "id"), example: "an id" },
    {
      kind: "choice", key: "axis", label: "Along", value: one(state, "axis") === "steps" ? "steps" : "time",
      options: [{ value: "time", label: "time" }, { value: "steps", label: "steps, one after the other" }],
    },
  ],
  ask: (state) => {
    const id = one(state, "id").trim();
    if (!id) return { needs: "Whose history? Type a customer's id, or click a customer in any other view." };
    return { root: `customer(id: $id) ${customerHistory.selection}`, variables: { id: { type: "ID!", value: id } } };
  },
  figures: (state) => [{ figure: one(state, "axis") === "steps" ? customerSteps : customerHistory, of: (data) => data["customer"] }],
  whenEmpty: "The store knows this customer's id and nothing else.",
};
