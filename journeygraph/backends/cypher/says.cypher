// Whether any interaction says something under a name.
RETURN EXISTS { MATCH (i:Interaction) WHERE i[$property] IS NOT NULL } AS is_said
