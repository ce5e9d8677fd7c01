class Solution:
    def turnQuilt(self, quilt: List[List], turns: int) -> List[List]:
        