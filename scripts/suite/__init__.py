"""The campaign driver of Poolmark: plans, starts contenders, passes the token, judges. It never times anything."""
