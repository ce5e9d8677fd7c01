class Solution:
    def longestParade(self, hats: str) -> int:
        