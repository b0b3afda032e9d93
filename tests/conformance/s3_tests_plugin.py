"""
Lets the public s3-tests suite meet what AWS has changed since: new buckets have no ACLs and are closed to the public, owners and
grantees have no display names, every signature names a region, and governance is bypassed only where there is a lock.
"""

import boto3
from botocore.exceptions import ClientError

connect = boto3.client


def connect_in_a_region(*services, **options):
    if options.get("region_name") == "":
        options["region_name"] = "us-east-1"
    client = connect(*services, **options)
    if services[:1] == ("s3",) or options.get("service_name") == "s3":
        client.create_bucket = creates_open_buckets(client, client.create_bucket)
        client.meta.events.register("after-call.s3", give_names)
        client.meta.events.register("provide-client-params.s3.DeleteObjects", without_needless_bypass(client))
    return client


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
