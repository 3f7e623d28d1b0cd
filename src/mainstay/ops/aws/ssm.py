"""Public parameters: where AWS says which image is the newest."""

from __future__ import annotations

from mainstay.ops.aws.door import Door

# https://docs.aws.amazon.com/linux/al2023/ug/ec2.html, "Launching AL2023 using the SSM parameter" (not re-read).
_NEWEST_IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"


class SsmDoor(Door):
    """Questions to Systems Manager."""

    def parameter(self, name: str) -> str:
        """The value of a parameter that is no secret."""
        return str(self._ask("GetParameter", Name=name)["Parameter"]["Value"])

    def newest_image(self, architecture: str) -> str:
        """The image id of the newest Amazon Linux 2023 for `arm64` or `x86_64`."""
        return self.parameter(_NEWEST_IMAGE.format(architecture=architecture))
