"""Invented threads as people paste them: text, end of the article, and name, name answered and words of each comment."""

ARTICLE = "Ferry to run at night\n\nThe council has voted.\nBoats start in May.\n"
A = ARTICLE.rstrip()

PASTES = {
    "said, between empty lines": (
        f"{ARTICLE}\nJo said...\n\nGood.\nVery good.\n\nMore.\n\nMax Ray said…\n\nNo.\n",
        A,
        [("Jo", None, "Good.\nVery good.\n\nMore."), ("Max Ray", None, "No.")],
    ),
    "said, without an empty line anywhere": (
        "Ferry to run\nThe council voted.\nJo said...\nGood.\nVery.\nMax said...\nNo.\n",
        "Ferry to run\nThe council voted.",
        [("Jo", None, "Good.\nVery."), ("Max", None, "No.")],
    ),
    "said, above the words without an empty line": (
        f"{ARTICLE}\nJo said...\nGood.\n\nSecond part.\n\nMax said...\nNo.\n",
        A,
        [("Jo", None, "Good.\n\nSecond part."), ("Max", None, "No.")],
    ),
    "said, an empty line above the first only": (
        f"{ARTICLE}\nJo said...\nGood.\nMax said...\nNo.\nAnn said...\nOh.",
        A,
        [("Jo", None, "Good."), ("Max", None, "No."), ("Ann", None, "Oh.")],
    ),
    "Blogger with dates below and a heading": (
        f"{ARTICLE}\nPosted by Admin at 6:15 AM\nLabels: boats, night\n\n2 comments:\n\nJo said...\nGood.\n\nReally.\n\n"
        "September 12, 2016 at 7:34 AM\nMax said...\nNo.\n\nSeptember 13, 2016 at 8:00 PM\nPost a Comment\n\n"
        "Newer Post Older Post Home\n\nSubscribe to: Post Comments (Atom)\n",
        A,
        [("Jo", None, "Good.\n\nReally."), ("Max", None, "No.")],
    ),
    "Blogger, name and said on lines of their own": (
        f"{ARTICLE}3 comments:\nJo\nsaid...\nGood.\nSeptember 12, 2016 at 7:34 AM\nMax, of 9th St.\nsaid...\nNo.\nHe\n"
        "said so.\nSeptember 13, 2016 at 8:00 PM\nAnn\nsaid...\nOh.\nSeptember 13, 2016 at 9:00 PM\nPost a Comment\n",
        A,
        [("Jo", None, "Good."), ("Max, of 9th St.", None, "No.\nHe\nsaid so."), ("Ann", None, "Oh.")],
    ),
    "WordPress, name and says on lines of their own": (
        f"{ARTICLE}\n2 thoughts on “Ferry to run at night”\nJo\nsays:\nMay 3, 2009 at 4:12 pm\nGood. As Ann\nwrites:\nOh.\nReply\n"
        "Max\nsays:\nMay 4, 2009 at 9:00 am\nNo.\nReply\n",
        A,
        [("Jo", None, "Good. As Ann\nwrites:\nOh."), ("Max", None, "No.")],
    ),
    "Blogger, no blank between name and date": (
        f"{ARTICLE}\n3 comments:\nJo RaySeptember 12, 2016 at 7:34 AM\nGood.\n\nReply\nMaxMontag, 12. September 2016 um 8:00\n"
        "No.\n\nReply\nbob_99September 14, 2016 at 1:20 PM\nOh.\n\nReply\n",
        A,
        [("Jo Ray", None, "Good."), ("Max", None, "No."), ("bob_99", None, "Oh.")],
    ),
    "Blogger with answers, pasted": (
        f"{ARTICLE}\n3 comments:\n\nJo\nSeptember 12, 2016 at 7:34 AM\nGood.\n\nReply\nDelete\nReplies\n\nMax Ray\n"
        "September 12, 2016 at 9:00 AM\nNo.\n\nDelete\nReply\n\nAnn\nSeptember 14, 2016 at 1:20 PM\nOh.\n\nReplyDelete\n",
        A,
        [("Jo", None, "Good."), ("Max Ray", None, "No."), ("Ann", None, "Oh.")],
    ),
    "WordPress, says and date": (
        f"{ARTICLE}\n2 thoughts on “Ferry to run at night”\n\nJo says:\n\nMay 3, 2009 at 4:12 pm\n\nGood.\n\nReply\n\n"
        "Max says:\n\nMay 4, 2009 at 9:00 am\n\n“Good”? No.\n\nReply\n\nLeave a Reply\n\nYour email address will not be "
        "published.\n\nName *\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "“Good”? No.")],
    ),
    "WordPress, old, numbered": (
        f"{ARTICLE}\n2 Responses to “Ferry to run at night”\n\n1. Jo Says:\nMay 3rd, 2009 at 4:12 pm\nGood.\n\n"
        "2. Max Says:\nMay 4th, 2009 at 9:00 am\nNo.\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "WordPress, comment by": (
        f"{ARTICLE}\nComments »\n\nComment by Jo — May 3, 2009 @ 4:12 pm\n\nGood.\n\nComment by Max — May 4, 2009 @ 9:00 am\n\nNo.",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "WordPress, comment by, below": (
        f"{ARTICLE}\n2 Comments\n\nGood.\n\nComment by Jo — May 3, 2009 @ 4:12 pm\n\nNo.\n\nNever.\n\n"
        "Comment by Max — May 4, 2009 @ 9:00 am\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.\n\nNever.")],
    ),
    "Movable Type": (
        f"{ARTICLE}\nPosted by Admin at May 2, 2009 10:00 AM\n\nComments\n\nGood.\n\nPosted by: Jo | May 3, 2009 11:00 AM\n\n"
        "No.\nNever.\n\nPosted by: Max Ray | May 3, 2009 12:10 PM\n",
        A,
        [("Jo", None, "Good."), ("Max Ray", None, "No.\nNever.")],
    ),
    "Posted by, above": (
        f"{ARTICLE}\nPosted by Jo on May 3, 2009 at 11:00\nGood.\n\nPosted by Max on May 4, 2009 at 11:00\nNo.\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "on date, said": (
        f"{ARTICLE}\nOn May 3, 2009 at 4:12 pm, Jo said:\n\nGood.\n\nOn May 4, 2009 at 9:00 am, Max said:\n\nNo.\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "name on date said": (
        f"{ARTICLE}\nJo on May 3, 2009 at 4:12 pm said:\nGood.\n\nB. Poster on May 4, 2009 at 9:00 am said:\nNo.\n",
        A,
        [("Jo", None, "Good."), ("B. Poster", None, "No.")],
    ),
    "name and colon, date below": (
        f"{ARTICLE}\nJo :\n3 May 2009 16:12\nGood.\n\nMax :\n4 May 2009 09:00\nNo.\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "date above, says": (
        f"{ARTICLE}\nMay 3, 2009 at 4:12 pm\nJo says:\nGood.\n\nMay 4, 2009 at 9:00 am\nMax says:\nNo.\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "dash and date": (
        f"{ARTICLE}\nJo — May 3, 2009\nGood.\n\nMax — May 4, 2009\nNo.\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "comma and date": (
        f"{ARTICLE}\nJo Ray, May 3, 2009 at 4:12 pm\nGood.\n\nMax, May 4, 2009 at 9:00 am\nNo.\n",
        A,
        [("Jo Ray", None, "Good."), ("Max", None, "No.")],
    ),
    "bar and date, with buttons": (
        f"{ARTICLE}\nJo | May 3, 2009 4:12 PM | Reply\n\nGood.\n\nMax | May 4, 2009 9:00 AM | Reply\n\nNo.\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "brackets and date": (
        f"{ARTICLE}\nJo (May 3, 2009)\n\nGood.\n\nMax (May 4, 2009)\n\nNo.\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "number, name, date": (
        f"{ARTICLE}\n#1 Jo 2009-05-03 16:12\nGood.\n\n#2 Max Ray 2009-05-04 09:00\nNo.\n",
        A,
        [("Jo", None, "Good."), ("Max Ray", None, "No.")],
    ),
    "by on date": (
        f"{ARTICLE}\nBy Jo on May 3, 2009\nGood.\n\nBy Max on May 4, 2009\nNo.\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "dash, name and date below": (
        f"{ARTICLE}\nComments:\n\nGood.\n— Jo, May 3, 2009\n\nNo.\nNever.\n— Max, May 4, 2009\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.\nNever.")],
    ),
    "Disqus": (
        f"{ARTICLE}\n2 Comments\n\nSort by Best\n\nAvatar\nJo Ray\n•\n3 years ago\n\nGood.\n\n2\n•\nReply\n•\nShare ›\nAvatar\nMax\n•\n"
        "3 years ago\n\nNo.\n\n•\nReply\n•\nShare ›\n",
        A,
        [("Jo Ray", None, "Good."), ("Max", None, "No.")],
    ),
    "Disqus, on one line, with whom it answers": (
        f"{ARTICLE}\nJo • 3 years ago\nGood.\n\nMax → Jo • 3 years ago\nNo.\n\nAnn → Max • 2 years ago\nOh.\n",
        A,
        [("Jo", None, "Good."), ("Max", "Jo", "No."), ("Ann", "Max", "Oh.")],
    ),
    "name above days ago": (
        f"{ARTICLE}\nJo Ray\n3 days ago\nGood.\n\nMax\n2 days ago\nNo.\n",
        A,
        [("Jo Ray", None, "Good."), ("Max", None, "No.")],
    ),
    "replied to": (
        f"{ARTICLE}\nJo said:\nGood.\n\nMax replied to Jo:\nNo.\n\nAnn said:\nOh.\n",
        A,
        [("Jo", None, "Good."), ("Max", "Jo", "No."), ("Ann", None, "Oh.")],
    ),
    "answers indented": (
        f"{ARTICLE}\nJo said...\n\nGood.\n\n    Max said...\n\n    No.\n    Never.\n\n        Jo said...\n\n        Why?\n\n"
        "    Ann said...\n\n    Oh.\n\nKim said...\n\nHm.\n",
        A,
        [
            ("Jo", None, "Good."),
            ("Max", "Jo", "No.\n    Never."),
            ("Jo", "Max", "Why?"),
            ("Ann", "Jo", "Oh."),
            ("Kim", None, "Hm."),
        ],
    ),
    "answers marked": (
        f"{ARTICLE}\nJo said...\n\nGood.\n\n> Max said...\n>\n> No.\n> Never.\n\n>> Ann said...\n>>\n>> Oh.\n\nKim said...\n\nHm.\n",
        A,
        [("Jo", None, "Good."), ("Max", "Jo", "No.\nNever."), ("Ann", "Max", "Oh."), ("Kim", None, "Hm.")],
    ),
    "answers with an arrow": (
        f"{ARTICLE}\nJo — May 3, 2009 10:00\nGood.\n\n↳ Max — May 3, 2009 11:00\nNo.\n\nKim — May 4, 2009 9:00\nHm.\n",
        A,
        [("Jo", None, "Good."), ("Max", "Jo", "No."), ("Kim", None, "Hm.")],
    ),
    "German Blogger": (
        f"{ARTICLE}\n2 Kommentare:\n\nJo hat gesagt…\n\nGut.\n\n12. September 2016 um 07:34\n\nMax hat gesagt…\n\nNein.\n\n"
        "13. September 2016 um 08:00\n\nKommentar veröffentlichen\n",
        A,
        [("Jo", None, "Gut."), ("Max", None, "Nein.")],
    ),
    "French": (
        f"{ARTICLE}\nJo a dit…\n\nBien.\n\nMax a dit…\n\nNon.\n",
        A,
        [("Jo", None, "Bien."), ("Max", None, "Non.")],
    ),
    "Spanish": (
        f"{ARTICLE}\nJo dijo...\n\nBien.\n\nMax dijo...\n\nNo.\n",
        A,
        [("Jo", None, "Bien."), ("Max", None, "No.")],
    ),
    "Portuguese": (
        f"{ARTICLE}\nJo disse...\n\nBom.\n\nMax disse...\n\nNão.\n",
        A,
        [("Jo", None, "Bom."), ("Max", None, "Não.")],
    ),
    "Italian": (
        f"{ARTICLE}\nJo ha detto...\n\nBene.\n\nMax ha detto...\n\nNo.\n",
        A,
        [("Jo", None, "Bene."), ("Max", None, "No.")],
    ),
    "Dutch": (
        f"{ARTICLE}\nJo zei...\n\nGoed.\n\nMax zei...\n\nNee.\n",
        A,
        [("Jo", None, "Goed."), ("Max", None, "Nee.")],
    ),
    "Russian": (
        f"{ARTICLE}\nЯна комментирует...\n\nДа.\n\nMax комментирует...\n\nНет.\n",
        A,
        [("Яна", None, "Да."), ("Max", None, "Нет.")],
    ),
    "Japanese": (
        f"{ARTICLE}\n花子さんのコメント...\n\nはい。\n\nMaxさんのコメント...\n\nいいえ。\n",
        A,
        [("花子", None, "はい。"), ("Max", None, "いいえ。")],
    ),
    "a dialogue in the article": (
        "Ferry to run\n\nThe minister said:\n\n“We need boats.”\n\nLater she said...\n\nnothing.\n\n2 comments:\n\nJo said:\n\nGood.\n\n"
        "Max said:\n\n“Boats”!\n",
        "Ferry to run\n\nThe minister said:\n\n“We need boats.”\n\nLater she said...\n\nnothing.",
        [("Jo", None, "Good."), ("Max", None, "“Boats”!")],
    ),
    "a sentence in the article that introduces": (
        "Ferry to run\n\nThe prime minister said:\n\nBoats are good.\n\nJo said:\n\nGood.\n\nMax said:\n\nNo.\n",
        "Ferry to run\n\nThe prime minister said:\n\nBoats are good.",
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "quotations in comments": (
        f"{ARTICLE}\nJo — May 3, 2009 10:00\nGood.\n\nMax — May 3, 2009 11:00\nJo wrote:\nGood.\n\nNo, as she said:\nnever.\n\n"
        "Ann — May 4, 2009 9:00\nMax wrote:\nNo.\n\nOh.\n",
        A,
        [
            ("Jo", None, "Good."),
            ("Max", None, "Jo wrote:\nGood.\n\nNo, as she said:\nnever."),
            ("Ann", None, "Max wrote:\nNo.\n\nOh."),
        ],
    ),
    "mail quotations": (
        f"{ARTICLE}\nJo wrote:\n\nGood.\n\nMax wrote:\n\n> Jo wrote:\n> Good.\n\nNo.\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "> Jo wrote:\n> Good.\n\nNo.")],
    ),
    "an article with its author below": (
        f"{ARTICLE}\nPosted by Admin on May 2, 2009 at 10:00\n\nJo said...\n\nGood.\n",
        A,
        [("Jo", None, "Good.")],
    ),
    "comments without an article": (
        "2 comments:\n\nJo said...\n\nGood.\n\nMax said...\n\nNo.\n",
        None,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "old Reddit": (
        f"{ARTICLE}\n[–]jo_ray 5 points 3 years ago\n\nGood.\n\npermalink\nreply\n\n[–]max 1 point 3 years ago\n\nNo.\n\npermalink\nreply\n",
        A,
        [("jo_ray", None, "Good."), ("max", None, "No.")],
    ),
    "a board with its first post": (
        "Night ferry?\n\nJo, May 3, 2009 at 4:12 pm\n\nWill it run?\n\nMax, May 3, 2009 at 5:00 pm\n\nYes.\n\nJo, May 3, 2009 at 6:00 pm\n\nOh.\n",
        "Night ferry?\n\nJo, May 3, 2009 at 4:12 pm\n\nWill it run?",
        [("Max", None, "Yes."), ("Jo", None, "Oh.")],
    ),
    "TypePad": (
        f"{ARTICLE}\nComments\n\nYou can follow this conversation by subscribing to the comment feed for this post.\n\nGood.\n\n"
        "Posted by: Jo | May 3, 2009 at 11:00 AM\n\nNo.\n\nPosted by: Max | May 3, 2009 at 12:00 PM\n\n"
        "The comments to this entry are closed.\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "Blogger of 2005": (
        f"{ARTICLE}\nposted by Ed @ 9:00 AM\n\n2 Comments:\n\nAt 9:12 PM, June 02, 2005,  Jo said...\nGood.\n \n"
        "At 10:12 PM, June 02, 2005, Max Ray said...\nNo.\n\nPost a Comment\n\n<< Home\n",
        A,
        [("Jo", None, "Good."), ("Max Ray", None, "No.")],
    ),
    "Blogger of 2003, signed below": (
        "Ferry to run\nThe council voted.\n# posted by Ed @ 9:00 AM\nComments:\nGood.\n# posted by Jo @ 9:12 PM\nNo.\n"
        "# posted by Max @ 10:12 PM\nPost a Comment\n",
        "Ferry to run\n\nThe council voted.",
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "Blogger, name and time run together": (
        f"{ARTICLE}\n2 Kommentare:\nJo21:00\n\nGut.\n\nAntwortenLöschen\nAntworten\nMax07:56\n\nNein.\n\nLöschen\nAntworten\n"
        "Kommentar hinzufügen\n",
        A,
        [("Jo", None, "Gut."), ("Max", None, "Nein.")],
    ),
    "a heading of the blogger's own": (
        f"{ARTICLE}\n3 night thoughts:\nJo said...\n\nGood.\n\n7:34 AM \nIf I Were Rain... said...\n\nNo.\n\n8:13 AM \nMax said...\n\n"
        "Oh, said...\nhe.\n\n8:20 AM \n\nPost a Comment\n",
        A,
        [("Jo", None, "Good."), ("If I Were Rain...", None, "No."), ("Max", None, "Oh, said...\nhe.")],
    ),
    "LiveJournal": (
        f"{ARTICLE}\nFrom: jo_ray\n2005-05-13 09:12 pm (UTC)\n\nGood.\n(Reply) (Thread)\n\nFrom: max\n2005-05-13 09:15 pm (UTC)\n\n"
        "No.\n(Reply) (Thread)\n",
        A,
        [("jo_ray", None, "Good."), ("max", None, "No.")],
    ),
    "Hacker News": (
        f"{ARTICLE}\njo 3 hours ago | next [–]\n\nGood.\n\nreply\n\nmax 2 hours ago | parent | next [–]\n\nNo.\n\nreply\n",
        A,
        [("jo", None, "Good."), ("max", None, "No.")],
    ),
    "YouTube": (
        f"{ARTICLE}\n@jo-ray\n3 years ago\nGood.\n\n5\n\nReply\n\n@max\n2 years ago\nNo.\n\nReply\n2 replies\n",
        A,
        [("@jo-ray", None, "Good."), ("@max", None, "No.")],
    ),
    "Markdown": (
        f"# {ARTICLE}\n## Comments\n\n**Jo** (2016-05-03):\n\nGood.\n\n**Max** (2016-05-04):\n\nNo.\n",
        f"# {A}",
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
    "rules between comments": (
        f"{ARTICLE}\n----------\nJo said...\n\nGood.\n----------\nMax said...\n\nNo.\n",
        A,
        [("Jo", None, "Good."), ("Max", None, "No.")],
    ),
}
