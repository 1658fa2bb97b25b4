"""What recognises personal data and gives people their pseudonyms: words, rules, names, the key."""
