/** A DynamoDB table that can be used when the call is over: one that was just made is CREATING until somebody describes it. */

import {
  DescribeTableCommand,
  type CreateTableCommand,
  type CreateTableCommandOutput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

export async function createTable(client: DynamoDBClient, command: CreateTableCommand): Promise<CreateTableCommandOutput> {
  const made = await client.send(command);
  await client.send(new DescribeTableCommand({ TableName: command.input.TableName }));
  return made;
}
