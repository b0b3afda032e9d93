"""boto3's journey through a cloud, as a user's script would take it: run by boto3.test.ts, which gives it keys and AWS_ENDPOINT_URL."""

import io
import json
import os
import socket
import sys
import threading
import unittest
import urllib.error
import urllib.request
from datetime import datetime, timezone

import boto3
from boto3.s3.transfer import TransferConfig
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
MEBIBYTE = 1024 * 1024

# Not every resolver knows the names below localhost, which browsers and Haneul do.
_resolve = socket.getaddrinfo


def _resolve_localhost(host, *rest, **options):
    return _resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **options)


socket.getaddrinfo = _resolve_localhost


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def session_of(credentials):
    return boto3.Session(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials.get("SessionToken"), region_name="us-east-1")


class Objects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.s3 = boto3.client("s3")
        cls.s3.create_bucket(Bucket="boto3-objects")

    def test_transfer_in_parts_with_threads(self):
        body = os.urandom(24 * MEBIBYTE + 17)
        config = TransferConfig(multipart_threshold=5 * MEBIBYTE, multipart_chunksize=5 * MEBIBYTE, max_concurrency=8)
        self.s3.upload_fileobj(io.BytesIO(body), "boto3-objects", "parts/big", Config=config, ExtraArgs={"Metadata": {"by": "boto3"}})
        back = io.BytesIO()
        self.s3.download_fileobj("boto3-objects", "parts/big", back, Config=config)
        self.assertEqual(back.getvalue(), body)
        head = self.s3.head_object(Bucket="boto3-objects", Key="parts/big")
        self.assertEqual((head["ContentLength"], head["Metadata"]), (len(body), {"by": "boto3"}))
        self.assertTrue(head["ETag"].endswith('-5"'), head["ETag"])
        self.s3.copy({"Bucket": "boto3-objects", "Key": "parts/big"}, "boto3-objects", "parts/copy", Config=config)
        self.assertEqual(self.s3.head_object(Bucket="boto3-objects", Key="parts/copy")["ContentLength"], len(body))

    def test_checksums_of_every_kind(self):
        for algorithm in ("CRC32", "SHA1", "SHA256"):
            with self.subTest(algorithm):
                put = self.s3.put_object(Bucket="boto3-objects", Key=f"sums/{algorithm}", Body=b"sky", ChecksumAlgorithm=algorithm)
                got = self.s3.get_object(Bucket="boto3-objects", Key=f"sums/{algorithm}", ChecksumMode="ENABLED")
                self.assertEqual(got[f"Checksum{algorithm}"], put[f"Checksum{algorithm}"])
                self.assertEqual(got["Body"].read(), b"sky")
        with self.assertRaises(ClientError) as caught:
            self.s3.put_object(Bucket="boto3-objects", Key="sums/wrong", Body=b"sky", ChecksumCRC32="AAAAAA==")
        self.assertEqual(caught.exception.response["Error"]["Code"], "BadDigest")

    def test_presigned_urls(self):
        for version in ("s3v4", "s3"):
            with self.subTest(version):
                client = boto3.client("s3", config=Config(signature_version=version, s3={"addressing_style": "path"}))
                where = {"Bucket": "boto3-objects", "Key": f"presigned/{version} ü"}
                put = client.generate_presigned_url("put_object", where, ExpiresIn=60)
                urllib.request.urlopen(urllib.request.Request(put, data=b"by hand", method="PUT", headers={"Content-Type": ""})).close()
                with urllib.request.urlopen(client.generate_presigned_url("get_object", where)) as answer:
                    self.assertEqual(answer.read(), b"by hand")
                with self.assertRaises(urllib.error.HTTPError) as caught:
                    urllib.request.urlopen(client.generate_presigned_url("get_object", where).replace("presigned", "other"))
                self.assertEqual(caught.exception.code, 403)
                caught.exception.close()

    def test_paginators(self):
        for number in range(23):
            self.s3.put_object(Bucket="boto3-objects", Key=f"pages/{number:03}/leaf", Body=b"")
        pages = list(self.s3.get_paginator("list_objects_v2").paginate(Bucket="boto3-objects", Prefix="pages/", PaginationConfig={"PageSize": 7}))
        self.assertEqual([len(page["Contents"]) for page in pages], [7, 7, 7, 2])
        folders = self.s3.get_paginator("list_objects").paginate(Bucket="boto3-objects", Prefix="pages/", Delimiter="/", PaginationConfig={"PageSize": 10})
        self.assertEqual(len(list(folders.search("CommonPrefixes[].Prefix"))), 23)

    def test_waiters_and_times(self):
        self.s3.put_object(Bucket="boto3-objects", Key="awaited", Body=b"")
        self.s3.get_waiter("object_exists").wait(Bucket="boto3-objects", Key="awaited", WaiterConfig={"MaxAttempts": 1})
        modified = self.s3.head_object(Bucket="boto3-objects", Key="awaited")["LastModified"]
        self.assertLess(abs((datetime.now(timezone.utc) - modified).total_seconds()), 300)
        self.s3.delete_object(Bucket="boto3-objects", Key="awaited")
        self.s3.get_waiter("object_not_exists").wait(Bucket="boto3-objects", Key="awaited", WaiterConfig={"MaxAttempts": 1})

    def test_resources(self):
        bucket = boto3.resource("s3").Bucket("boto3-objects")
        bucket.put_object(Key="resource/a", Body=b"a")
        bucket.put_object(Key="resource/b", Body=b"b")
        self.assertEqual([item.key for item in bucket.objects.filter(Prefix="resource/")], ["resource/a", "resource/b"])
        bucket.objects.filter(Prefix="resource/").delete()
        self.assertEqual(list(bucket.objects.filter(Prefix="resource/")), [])

    def test_virtual_hosted_addresses(self):
        endpoint = ENDPOINT.replace("127.0.0.1", "s3.localhost")
        client = boto3.client("s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": "virtual"}))
        client.create_bucket(Bucket="boto3-virtual")
        client.put_object(Bucket="boto3-virtual", Key="하늘/a b+c", Body=b"virtual")
        self.assertEqual(client.get_object(Bucket="boto3-virtual", Key="하늘/a b+c")["Body"].read(), b"virtual")
        self.assertEqual([item["Key"] for item in client.list_objects_v2(Bucket="boto3-virtual")["Contents"]], ["하늘/a b+c"])

    def test_unsigned_streams_and_anonymous(self):
        anonymous = boto3.client("s3", config=Config(signature_version=UNSIGNED))
        with self.assertRaises(ClientError) as caught:
            anonymous.get_object(Bucket="boto3-objects", Key="any")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 403)
        reader = io.BufferedReader(io.BytesIO(b"streamed" * 1000))
        self.s3.put_object(Bucket="boto3-objects", Key="streamed", Body=reader)
        self.assertEqual(self.s3.head_object(Bucket="boto3-objects", Key="streamed")["ContentLength"], 8000)

    def test_many_threads_write_one_bucket(self):
        failures = []

        def write(number):
            try:
                self.s3.put_object(Bucket="boto3-objects", Key=f"threads/{number}", Body=str(number).encode())
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(self.s3.list_objects_v2(Bucket="boto3-objects", Prefix="threads/")["KeyCount"], 32)


class Messages(unittest.TestCase):
    """Queues and topics as boto3's resources, which scripts prefer to the plain calls."""

    @classmethod
    def setUpClass(cls):
        cls.sqs = boto3.resource("sqs", region_name="us-east-1")
        cls.sns = boto3.resource("sns", region_name="us-east-1")

    def test_queue_resource(self):
        dead = self.sqs.create_queue(QueueName="boto3-dead")
        redrive = json.dumps({"deadLetterTargetArn": dead.attributes["QueueArn"], "maxReceiveCount": "1"})
        queue = self.sqs.create_queue(QueueName="boto3-jobs", Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"})
        self.assertEqual(self.sqs.get_queue_by_name(QueueName="boto3-jobs").url, queue.url)
        self.assertIn(queue, list(self.sqs.queues.filter(QueueNamePrefix="boto3-")))
        self.assertEqual([source.url for source in dead.dead_letter_source_queues.all()], [queue.url])
        queue.send_messages(Entries=[{"Id": str(i), "MessageBody": f"m{i}"} for i in range(3)])
        attributes = {"colour": {"DataType": "String", "StringValue": "blue"}, "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
        queue.send_message(MessageBody="attributed", MessageAttributes=attributes)
        taken = []
        while messages := queue.receive_messages(MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=60):
            taken.extend(messages)
        self.assertEqual(sorted(message.body for message in taken), ["attributed", "m0", "m1", "m2"])
        attributed = next(message for message in taken if message.body == "attributed")
        self.assertEqual(attributed.message_attributes, attributes)
        attributed.delete()
        for message in taken:
            if message is not attributed:
                message.change_visibility(VisibilityTimeout=0)
        self.assertEqual(queue.receive_messages(MaxNumberOfMessages=10), [])
        self.assertEqual(len(dead.receive_messages(MaxNumberOfMessages=10, VisibilityTimeout=60)), 3)
        queue.set_attributes(Attributes={"DelaySeconds": "5"})
        queue.reload()
        self.assertEqual(queue.attributes["DelaySeconds"], "5")
        queue.purge()
        queue.delete()
        with self.assertRaises(self.sqs.meta.client.exceptions.QueueDoesNotExist):
            self.sqs.get_queue_by_name(QueueName="boto3-jobs")

    def test_topic_resource(self):
        queue = self.sqs.create_queue(QueueName="boto3-news")
        topic = self.sns.create_topic(Name="boto3-news")
        allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}
        queue.set_attributes(Attributes={"Policy": policy(allow)})
        subscription = topic.subscribe(Protocol="sqs", Endpoint=queue.attributes["QueueArn"], ReturnSubscriptionArn=True)
        subscription.set_attributes(AttributeName="RawMessageDelivery", AttributeValue="true")
        subscription.reload()
        self.assertEqual(subscription.attributes["RawMessageDelivery"], "true")
        self.assertIn(topic, list(self.sns.topics.all()))
        self.assertEqual([one.arn for one in topic.subscriptions.all()], [subscription.arn])
        topic.publish(Message="hello", MessageAttributes={"colour": {"DataType": "String", "StringValue": "blue"}})
        [message] = queue.receive_messages(WaitTimeSeconds=10, MessageAttributeNames=["All"])
        self.assertEqual((message.body, message.message_attributes["colour"]["StringValue"]), ("hello", "blue"))
        application = self.sns.create_platform_application(Name="boto3", Platform="GCM", Attributes={"PlatformCredential": "secret"})
        endpoint = application.create_platform_endpoint(Token="token")
        endpoint.publish(Message="ping")
        self.assertEqual([one.arn for one in application.endpoints.all()], [endpoint.arn])
        application.delete()
        subscription.delete()
        topic.delete()
        self.assertNotIn(topic, list(self.sns.topics.all()))


class Identity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.iam = boto3.client("iam")
        cls.sts = boto3.client("sts")

    def test_user_key_policy(self):
        self.iam.create_user(UserName="boto")
        self.iam.get_waiter("user_exists").wait(UserName="boto", WaiterConfig={"MaxAttempts": 1})
        session = session_of(self.iam.create_access_key(UserName="boto")["AccessKey"])
        with self.assertRaises(ClientError) as caught:
            session.client("s3").list_buckets()
        self.assertEqual(caught.exception.response["Error"]["Code"], "AccessDenied")
        self.assertIn("is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action", str(caught.exception))
        self.iam.put_user_policy(UserName="boto", PolicyName="p", PolicyDocument=policy({"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}))
        session.client("s3").list_buckets()
        self.assertEqual(self.iam.get_user_policy(UserName="boto", PolicyName="p")["PolicyDocument"]["Statement"][0]["Action"], "s3:ListAllMyBuckets")

    def test_role_session_with_session_policy(self):
        me = self.sts.get_caller_identity()["Account"]
        trust = policy({"Effect": "Allow", "Principal": {"AWS": me}, "Action": "sts:AssumeRole"})
        role = self.iam.create_role(RoleName="boto-role", AssumeRolePolicyDocument=trust)["Role"]
        self.iam.attach_role_policy(RoleName="boto-role", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        self.iam.create_user(UserName="assumer")
        self.iam.attach_user_policy(UserName="assumer", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        assumer = session_of(self.iam.create_access_key(UserName="assumer")["AccessKey"])
        narrow = policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
        assumed = assumer.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="narrow", Policy=narrow)
        session = session_of(assumed["Credentials"])
        session.client("s3").list_buckets()
        with self.assertRaises(ClientError) as caught:
            session.client("iam").list_users()
        self.assertIn("because no session policy allows the iam:ListUsers action", str(caught.exception))
        remaining = (assumed["Credentials"]["Expiration"] - datetime.now(timezone.utc)).total_seconds()
        self.assertTrue(3400 < remaining < 3700, remaining)

    def test_session_token(self):
        token = session_of(self.sts.get_session_token(DurationSeconds=900)["Credentials"])
        self.assertEqual(token.client("sts").get_caller_identity()["Arn"], self.sts.get_caller_identity()["Arn"])

    def test_not_built_is_said_once(self):
        attempts = []
        connections = boto3.client("directconnect")
        connections.meta.events.register("before-send.direct-connect", lambda request, **_: attempts.append(request.url) and None)
        with self.assertRaises(ClientError) as caught:
            connections.describe_connections()
        error = caught.exception.response
        self.assertEqual((error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"], len(attempts)), ("NotImplemented", 501, 1))
        self.assertIn("direct-connect:DescribeConnections", error["Error"]["Message"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
