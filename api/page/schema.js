/**
 * The schema as introspection tells it, as maps that the editor and the documentation look into.
 */

export const INTROSPECTION = `{
  __schema {
    queryType { name }
    types {
      kind name description
      fields { name description args { ...input } type { ...type } }
      inputFields { ...input }
      enumValues { name description }
    }
  }
}
fragment input on __InputValue { name description defaultValue type { ...type } }
fragment type on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name } } }
}`;

const byName = (list) => new Map((list ?? []).map((entry) => [entry.name, entry]));

export class Schema {
  constructor(introspected) {
    const { queryType, types } = introspected.__schema;
    this.types = new Map();
    for (const type of types) {
      if (type.name.startsWith("__")) continue;
      const fields = byName(type.fields);
      for (const field of fields.values()) field.args = byName(field.args);
      this.types.set(type.name, {
        ...type, fields, inputFields: byName(type.inputFields), enumValues: byName(type.enumValues),
      });
    }
    this.query = this.types.get(queryType.name);
  }

  /** The type behind all lists and exclamation marks. */
  named(reference) {
    let inner = reference;
    while (inner?.ofType) inner = inner.ofType;
    return inner ? this.types.get(inner.name) : undefined;
  }
}

/** A reference to a type as GraphQL writes it. */
export function shown(reference) {
  if (reference.kind === "NON_NULL") return `${shown(reference.ofType)}!`;
  if (reference.kind === "LIST") return `[${shown(reference.ofType)}]`;
  return reference.name;
}

/** Whether a field's type has fields of its own. */
export const hasFields = (type) => type?.kind === "OBJECT";
