"""Write the leaderboard as static pages that work from a disk, without network and without JavaScript."""
