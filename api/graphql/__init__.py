"""The questions over GraphQL: types kept thin over the answers, so that numbers have one source."""
