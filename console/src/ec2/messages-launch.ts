/** What the launch form says of prices. */

import { catalogue } from '../language/catalogue.ts';

export const messages = catalogue({
  en: {
    price: 'What this costs',
    hourly: 'By the hour',
    monthly: 'In a month of running',
    spotHourly: 'By the hour as spot, at the lowest now',
    priceText: 'For the machines alone: volumes, public addresses and traffic are billed besides, the free tier is not taken off.',
  },
  ko: {
    price: '비용',
    hourly: '시간당',
    monthly: '한 달 내내 실행하면',
    spotHourly: '스팟으로 시간당(지금 가장 낮은 가격)',
    priceText: '인스턴스만의 가격입니다. 볼륨, 퍼블릭 주소, 트래픽은 따로 청구되며 프리 티어는 빼지 않았습니다.',
  },
});
