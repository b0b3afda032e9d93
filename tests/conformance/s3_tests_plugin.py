"""Lets the public s3-tests suite meet what AWS has changed since: new buckets are closed to public policies, and every signature names a region."""

import boto3

connect = boto3.client


def connect_in_a_region(*names, **options):
    if options.get("region_name") == "":
        options["region_name"] = "us-east-1"
    return connect(*names, **options)


def pytest_configure(config):
    boto3.client = connect_in_a_region

    import s3tests.functional as suite

    create, create_resource = suite.get_new_bucket, suite.get_new_bucket_resource

    def open_to_policies(name, client=None):
        (client or suite.get_client()).delete_public_access_block(Bucket=name)
        return name

    def get_new_bucket_resource(name=None):
        bucket = create_resource(name)
        open_to_policies(bucket.name)
        return bucket

    suite.get_new_bucket = lambda client=None, name=None: open_to_policies(create(client, name), client)
    suite.get_new_bucket_resource = get_new_bucket_resource
