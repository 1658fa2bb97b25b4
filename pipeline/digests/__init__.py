"""What a restitution says and how each format shows it: content, sentences, pages, documents."""
