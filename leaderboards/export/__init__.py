"""Export records in the formats of the Hugging Face hub and of Every Eval Ever."""
