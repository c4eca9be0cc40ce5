"""What schemathesis looks at: refusals are answers, faults are not."""

import schemathesis


@schemathesis.check
def no_fault(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """No answer is the service's own fault."""
    del ctx, case
    assert response.status_code < 500
    assert "INTERNAL" not in response.text
