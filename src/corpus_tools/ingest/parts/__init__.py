"""What readers of several forms, or of one large form, are made of: markup of blogs and feeds, lines, tables."""
