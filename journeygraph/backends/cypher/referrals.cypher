// Who brought whom, in the order of arrival; a referrer whom nobody knows has no key.
MATCH (referrer)-[referral:REFERRED]->(referred:Customer)
RETURN
  referrer.key AS referrer, referred.key AS referred, referral.at_us AS at_us,
  referral.medium AS medium
ORDER BY referral.arrival
