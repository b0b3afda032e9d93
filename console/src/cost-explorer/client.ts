/** What asks Cost Explorer, which is one for all regions. */

import { questionsTo } from '../session/questions.ts';

export const askCostExplorer = questionsTo({ service: 'ce', target: 'AWSInsightsIndexService', region: 'us-east-1' });
