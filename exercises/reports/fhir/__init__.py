"""A patient's record as a FHIR R4 (4.0.1) bundle. It names no condition: nobody here diagnoses."""
