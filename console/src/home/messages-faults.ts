/** What the faults panel says. */

import { catalogue } from '../language/catalogue.ts';

export const messages = catalogue({
  en: {
    faults: 'Faults',
    faultsText: 'Take a zone of this region down and see what your programs do.',
    up: 'up',
    down: 'down',
    since: 'Since {time}',
    destroyed: 'What was there alone was lost on {time}',
    takeDown: 'Take down',
    bringUp: 'Bring up',
    isUp: '{zone} is up again.',
    isDown: '{zone} is down.',
    takeDownTitle: 'Take {zone} down?',
    takeDownText:
      'Instances there run on, but nothing reaches them and they reach nothing. Objects in One Zone-IA there cannot be read. It lasts until you bring the zone up, over restarts too.',
    destroy: 'Destroy what is there alone',
    destroyText: 'As a fire would.',
    destroyWarning: 'Objects in One Zone-IA of this zone are lost for ever. This cannot be undone.',
    price: 'Spot price of {type} in {zone}: {dollars} dollars an hour',
    toMarket: 'Leave to the market',
    toMarketDone: 'The market makes the price of {type} in {zone} again.',
  },
  ko: {
    faults: '장애',
    faultsText: '이 리전의 가용 영역을 내려 보고, 내 프로그램이 어떻게 하는지 보세요.',
    up: '정상',
    down: '중단',
    since: '{time}부터',
    destroyed: '여기에만 있던 것은 {time}에 사라졌습니다',
    takeDown: '내리기',
    bringUp: '올리기',
    isUp: '{zone}이(가) 다시 정상입니다.',
    isDown: '{zone}이(가) 중단되었습니다.',
    takeDownTitle: '{zone}을(를) 내릴까요?',
    takeDownText:
      '그곳의 인스턴스는 계속 돌지만, 아무것도 닿지 못하고 밖으로도 닿지 못합니다. 그곳의 One Zone-IA 객체는 읽을 수 없습니다. 다시 시작해도, 영역을 올릴 때까지 이어집니다.',
    destroy: '그곳에만 있는 것을 없애기',
    destroyText: '불이 난 것처럼.',
    destroyWarning: '이 영역의 One Zone-IA 객체가 영원히 사라집니다. 되돌릴 수 없습니다.',
    price: '{zone}의 {type} 스팟 가격: 시간당 {dollars}달러',
    toMarket: '시장에 맡기기',
    toMarketDone: '{zone}의 {type} 가격을 다시 시장이 정합니다.',
  },
});
