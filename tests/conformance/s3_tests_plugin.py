"""
Lets the public s3-tests suite meet what AWS has changed since: new buckets have no ACLs and are closed to the public, owners and
grantees have no display names, every signature names a region, and governance is bypassed only where there is a lock. ARNs of the
suite's IAM name no account, and get that of its users. Days, which the suite lets last some seconds, pass on the cloud's clock.
"""

import json
import os
import time
import urllib.request

import boto3
import pytest
from botocore.exceptions import ClientError

connect = boto3.client
day_milliseconds = 24 * 60 * 60 * 1000
long_sleep_seconds = 10
accountless = "arn:aws:iam:::"


def connect_in_a_region(*services, **options):
    if options.get("region_name") == "":
        options["region_name"] = "us-east-1"
    client = connect(*services, **options)
    service = services[0] if services else options["service_name"]
    if service == "s3":
        client.meta.events.register("choose-signer.s3", signs_headers_by_version_4)
        client.meta.events.register("provide-client-params.s3.PutBucketLifecycleConfiguration", moves_small_objects)
        client.create_bucket = creates_open_buckets(client, client.create_bucket)
        client.meta.events.register("after-call.s3", give_names)
        client.meta.events.register("provide-client-params.s3.DeleteObjects", without_needless_bypass(client))
    elif service in ("iam", "sts"):
        client.meta.events.register(f"provide-client-params.{service}", give_account)
        client.meta.events.register("provide-client-params.iam.DeleteUser", leave_groups(client))
        client.meta.events.register(f"after-call.{service}", take_account)
    return client


def signs_headers_by_version_4(context, signature_version, **_):
    """Signatures of version 2 are taken in presigned URLs alone."""
    return "s3v4" if signature_version == "s3" and not context.get("is_presign_request") else None


def moves_small_objects(params, **_):
    """Lifecycle rules moved objects of any size to archives until September 2024, and do when told so."""
    return {"TransitionDefaultMinimumObjectSize": "varies_by_storage_class", **params}


def without_needless_bypass(client):
    """The suite empties all buckets as if they were locked, which AWS refuses of those that are not."""

    def choose(params, **_):
        if not params.get("BypassGovernanceRetention"):
            return None
        try:
            client.get_object_lock_configuration(Bucket=params["Bucket"])
        except ClientError:
            return {name: value for name, value in params.items() if name != "BypassGovernanceRetention"}
        return None

    return choose


def creates_open_buckets(client, create):
    """As buckets were made before April 2023: with ACLs, and not closed to public ones."""

    def create_bucket(**options):
        acl = options.pop("ACL", None)
        answer = create(**options)
        if "ObjectOwnership" not in options:
            client.delete_bucket_ownership_controls(Bucket=options["Bucket"])
        client.delete_public_access_block(Bucket=options["Bucket"])
        if acl is not None:
            client.put_bucket_acl(Bucket=options["Bucket"], ACL=acl)
        return answer

    return create_bucket


def give_names(parsed, **_):
    """Display names as they were given until November 2025; grants to groups first, as the suite reads them."""
    from s3tests.functional import config

    if isinstance(parsed, dict):
        for who in ("main", "alt", "tenant"):
            if "ID" in parsed and parsed["ID"] == getattr(config, f"{who}_user_id", None):
                parsed["DisplayName"] = getattr(config, f"{who}_display_name")
        if "Grants" in parsed:
            parsed["Grants"].sort(key=lambda grant: "URI" not in grant["Grantee"])
        parsed = list(parsed.values())
    if isinstance(parsed, list):
        for member in parsed:
            give_names(member)


def give_account(params, **_):
    return replaced(params, accountless, f"arn:aws:iam::{os.environ['S3TEST_ACCOUNT']}:")


def take_account(parsed, **_):
    parsed.update(replaced(parsed, f"arn:aws:iam::{os.environ['S3TEST_ACCOUNT']}:", accountless))


def leave_groups(client):
    """Who is in a group cannot be deleted."""

    def leave(params, **_):
        try:
            for group in client.list_groups_for_user(UserName=params["UserName"])["Groups"]:
                client.remove_user_from_group(GroupName=group["GroupName"], UserName=params["UserName"])
        except ClientError:
            pass

    return leave


def replaced(value, old, new):
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, dict):
        return {name: replaced(member, old, new) for name, member in value.items()}
    return [replaced(member, old, new) for member in value] if isinstance(value, list) else value


class MovedTime:
    """Stands for `time` in the suite: a long sleep is a short one for a cloud whose clock can be moved."""

    def __init__(self, milliseconds_per_second):
        self.milliseconds_per_second = milliseconds_per_second

    def __getattr__(self, name):
        return getattr(time, name)

    def sleep(self, seconds):
        from s3tests.functional import config

        if self.milliseconds_per_second == 0:
            return
        if seconds < long_sleep_seconds:
            return time.sleep(seconds)
        change = {"action": "advance", "milliseconds": round(seconds * self.milliseconds_per_second)}
        address = f"{config.default_endpoint}/_haneul/clock"
        urllib.request.urlopen(urllib.request.Request(address, json.dumps(change).encode(), {"Content-Type": "application/json"})).close()


def cloud_milliseconds_per_second(item):
    """How far a second of sleep moves the cloud's clock: in tests of lifecycles ten of them are a day. Nothing where sleeps are real."""
    if "get_lc_debug_interval" in item.function.__code__.co_names:
        return day_milliseconds / 10
    return 1000 if item.name == "test_assume_role_creds_expiry" else 0


def pytest_collection_modifyitems(config, items):
    """Leaves out what is not asked. What moves the clock comes last, since all else takes the machine's time for the cloud's."""
    with open(os.environ["S3TEST_UNASKED"], encoding="utf-8") as file:
        unasked = set(json.load(file))
    config.hook.pytest_deselected(items=[item for item in items if item.name in unasked])
    items[:] = sorted((item for item in items if item.name not in unasked), key=lambda item: cloud_milliseconds_per_second(item) > 0)
    for item in items:
        if item.get_closest_marker("fails_on_aws"):
            item.user_properties.append(("beyond", "fails_on_aws"))


@pytest.fixture(autouse=True)
def place_in_time(request, monkeypatch):
    pace = cloud_milliseconds_per_second(request.node)
    # Permissions are there at once, and who has none need not ask ten times.
    if pace or request.module.__name__.endswith("test_iam"):
        monkeypatch.setattr(request.module, "time", MovedTime(pace))


@pytest.fixture(autouse=True)
def alternative_user(request, monkeypatch):
    """Where the suite gives its second user policies by name, that is a user of the account which gives them."""
    if not {"iam_tenant", "test_of_sts"} & {mark.name for mark in request.node.iter_markers()}:
        return
    config = request.getfixturevalue("configfile")
    for name in ("access_key", "secret_key", "user_id"):
        monkeypatch.setattr(config, f"alt_{name}", os.environ[f"S3TEST_USER_{name.upper()}"])


def pytest_configure(config):
    boto3.client = connect_in_a_region

    import s3tests.functional as suite

    create_resource = suite.get_new_bucket_resource

    def get_new_bucket_resource(name=None):
        bucket = create_resource(name)
        client = suite.get_client()
        client.delete_public_access_block(Bucket=bucket.name)
        client.delete_bucket_ownership_controls(Bucket=bucket.name)
        return bucket

    suite.get_new_bucket_resource = get_new_bucket_resource
