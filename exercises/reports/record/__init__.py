"""The complete record of a patient: what an export holds, and how an import brings it back."""
