"""The demo clinic: six invented patients, each with a history played up to the present."""
