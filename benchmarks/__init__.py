"""How long things take, as ratios that hardly depend on the machine."""
