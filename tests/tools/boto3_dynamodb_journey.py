"""boto3's resource interface to DynamoDB, as a user's script would take it: run by boto3-dynamodb.test.ts."""

import unittest
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary
from botocore.exceptions import ClientError

dynamodb = boto3.resource("dynamodb", region_name="us-east-1")


def make(name):
    table = dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "artist", "KeyType": "HASH"}, {"AttributeName": "year", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "artist", "AttributeType": "S"},
            {"AttributeName": "year", "AttributeType": "N"},
            {"AttributeName": "genre", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-genre",
                "KeySchema": [{"AttributeName": "genre", "KeyType": "HASH"}, {"AttributeName": "year", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    table.wait_until_exists()
    return table


class Tables(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.table = make("boto3-songs")

    def test_attributes_of_a_table(self):
        table = dynamodb.Table("boto3-songs")
        self.assertEqual((table.table_status, table.item_count >= 0), ("ACTIVE", True))
        self.assertEqual([key["AttributeName"] for key in table.key_schema], ["artist", "year"])
        self.assertIn("boto3-songs", [one.name for one in dynamodb.tables.all()])

    def test_items_of_every_type(self):
        item = {
            "artist": "types",
            "year": Decimal("1999"),
            "text": "하늘",
            "number": Decimal("0.1234567890123456789012345678901234567"),
            "bytes": Binary(b"\x00\xff"),
            "nothing": None,
            "yes": True,
            "list": [Decimal(1), "two", {"three": Decimal(3)}],
            "names": {"a", "b"},
            "numbers": {Decimal(1), Decimal(2)},
        }
        self.table.put_item(Item=item)
        self.assertEqual(self.table.get_item(Key={"artist": "types", "year": 1999}, ConsistentRead=True)["Item"], item)

    def test_batch_writer(self):
        with self.table.batch_writer(overwrite_by_pkeys=["artist", "year"]) as batch:
            for year in range(120):
                batch.put_item(Item={"artist": "batch", "year": year, "genre": "pop" if year % 2 else "rock"})
            batch.put_item(Item={"artist": "batch", "year": 5, "genre": "jazz"})
            batch.delete_item(Key={"artist": "batch", "year": 119})
        found = self.table.query(KeyConditionExpression=Key("artist").eq("batch"))
        self.assertEqual(found["Count"], 119)
        self.assertEqual(found["Items"][5]["genre"], "jazz")

    def test_conditions_of_queries_and_scans(self):
        for year, genre in ((1970, "rock"), (1980, "pop"), (1990, "rock")):
            self.table.put_item(Item={"artist": "conditions", "year": year, "genre": genre, "tags": [genre, str(year)]})
        years = lambda answer: [int(item["year"]) for item in answer["Items"]]
        own = Key("artist").eq("conditions")
        self.assertEqual(years(self.table.query(KeyConditionExpression=own & Key("year").between(1975, 1995))), [1980, 1990])
        self.assertEqual(years(self.table.query(KeyConditionExpression=own & Key("year").lt(1980), ScanIndexForward=False)), [1970])
        wanted = Attr("genre").eq("rock") & ~Attr("tags").contains("1990") | Attr("missing").exists()
        self.assertEqual(years(self.table.query(KeyConditionExpression=own, FilterExpression=wanted)), [1970])
        some = Attr("artist").eq("conditions") & Attr("genre").is_in(["pop"]) & Attr("tags").size().eq(2)
        self.assertEqual(years(self.table.scan(FilterExpression=some)), [1980])
        index = self.table.query(IndexName="by-genre", KeyConditionExpression=Key("genre").eq("rock") & Key("year").gte(1970))
        self.assertEqual(years(index), [1970, 1990])

    def test_updates_and_their_conditions(self):
        key = {"artist": "updates", "year": 1}
        answer = self.table.update_item(
            Key=key,
            UpdateExpression="SET plays = if_not_exists(plays, :none) + :one, #t = :t ADD fans :fans",
            ExpressionAttributeNames={"#t": "title"},
            ExpressionAttributeValues={":none": 0, ":one": 1, ":t": "Sky", ":fans": {"ann"}},
            ReturnValues="ALL_NEW",
        )
        self.assertEqual(answer["Attributes"], {**key, "plays": 1, "title": "Sky", "fans": {"ann"}})
        with self.assertRaises(ClientError) as caught:
            self.table.put_item(Item=key, ConditionExpression=Attr("artist").not_exists())
        self.assertEqual(caught.exception.response["Error"]["Code"], "ConditionalCheckFailedException")
        self.table.delete_item(Key=key, ConditionExpression=Attr("plays").gte(1))
        self.assertNotIn("Item", self.table.get_item(Key=key))

    def test_batches_and_transactions_of_the_resource(self):
        keys = [{"artist": "batches", "year": year} for year in range(3)]
        client = dynamodb.meta.client
        client.transact_write_items(TransactItems=[{"Put": {"TableName": "boto3-songs", "Item": key}} for key in keys])
        answer = dynamodb.batch_get_item(RequestItems={"boto3-songs": {"Keys": keys}})
        self.assertEqual(len(answer["Responses"]["boto3-songs"]), 3)
        pages = client.get_paginator("query").paginate(
            TableName="boto3-songs", KeyConditionExpression=Key("artist").eq("batches"), PaginationConfig={"PageSize": 1}
        )
        self.assertEqual(sum(page["Count"] for page in pages), 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
