class Solution:
    def runnerUp(self, weights: List[int]) -> Optional[int]:
        