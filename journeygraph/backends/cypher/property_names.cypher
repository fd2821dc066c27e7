// The properties that interactions have, of those that came as columns without a meaning.
CALL db.schema.nodeTypeProperties() YIELD nodeLabels, propertyName
WHERE 'Interaction' IN nodeLabels AND propertyName STARTS WITH 'property_'
RETURN DISTINCT propertyName AS name
ORDER BY name
