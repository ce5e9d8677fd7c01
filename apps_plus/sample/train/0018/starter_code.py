class Solution:
    def hotTimes(self, guests: List[List[int]]) -> List[List[int]]:
        