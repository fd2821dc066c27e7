// The names of touchpoints and channels, by code.
MATCH (named:Touchpoint|Channel)
RETURN named:Touchpoint AS is_touchpoint, named.code AS code, named.name AS name
ORDER BY is_touchpoint, code
