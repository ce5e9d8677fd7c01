"""The leaderboard as static pages that open from a disk, without a network and without JavaScript."""
