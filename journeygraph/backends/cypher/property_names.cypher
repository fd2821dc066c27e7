// The properties that came as columns without a meaning, of interactions or of feedback.
CALL db.propertyKeys() YIELD propertyKey
WHERE propertyKey STARTS WITH 'property_'
RETURN propertyKey AS name
ORDER BY name
