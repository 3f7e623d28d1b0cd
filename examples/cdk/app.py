"""A service and its database: the design of database.yaml in one stack, a function that uses it in another.

pip install 'mainstay[cdk]'
cdk deploy --all                                                        production, as cdk.json says
cdk deploy --all -c mainstay:Database.environment=dev                   small, and gone when it is destroyed
cdk deploy --all -c mainstay:Database.database.class=db.m7g.xlarge      one setting for one deployment
"""

from mainstay.cdk import Database  # isort: skip  # before aws_cdk: it brings Node.js where none is installed

from pathlib import Path

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

HERE = Path(__file__).parent
USER = "orders_app"

WORK = f"""
import os, boto3

def handler(event, context):
    # A token instead of a password: it is good for fifteen minutes and for this user only.
    host, port = os.environ["HOST"], int(os.environ["PORT"])
    token = boto3.client("rds").generate_db_auth_token(host, port, "{USER}")
    return {{"host": host, "token": len(token)}}
"""


class Data(Stack):
    """The database with everything around it."""

    def __init__(self, scope: Construct, name: str, **options: object) -> None:
        super().__init__(scope, name, **options)
        self.database = Database(self, "Database", spec=HERE / "database.yaml")
        slow = self.database.metric_write_latency().create_alarm(
            self,
            "SlowWrites",
            alarm_description="Writes take longer than 50 ms",
            threshold=0.05,
            evaluation_periods=3,
        )
        slow.add_alarm_action(actions.SnsAction(self.database.topic))


class Service(Stack):
    """A function in the database's network, which may log in and connect and no more."""

    def __init__(self, scope: Construct, name: str, *, database: Database, **options: object) -> None:
        super().__init__(scope, name, **options)
        function = lambda_.Function(
            self,
            "Function",
            vpc=database.vpc,
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler="index.handler",
            code=lambda_.Code.from_inline(WORK),
            environment={
                "HOST": database.instance.db_instance_endpoint_address,
                "PORT": str(database.instance.db_instance_endpoint_port),
            },
        )
        database.grant_connect(function, USER)
        function.connections.allow_to_default_port(database)


def build(**options: object) -> App:
    """The app, with both stacks in it."""
    app = App(**options)
    place = Environment(region="eu-central-1")
    data = Data(app, "OrdersData", env=place)
    Service(app, "OrdersService", database=data.database, env=place)
    return app


if __name__ == "__main__":
    build().synth()
