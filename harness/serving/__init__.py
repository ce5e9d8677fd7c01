"""The sandbox and the judge over HTTP: ``apps-plus serve`` (``docs/serve.md``)."""
