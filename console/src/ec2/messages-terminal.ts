/** What the terminal of an instance says. */

import { catalogue } from '../language/catalogue.ts';

export const messages = catalogue({
  en: {
    terminal: 'Terminal',
    about: 'A root shell inside the instance, through Session Manager: no key, no open port, no public address.',
    right: 'It takes the permission ssm:StartSession on this instance, and each session is in the audit trail.',
    start: 'Start session',
    again: 'Start a new session',
    end: 'End session',
    connecting: 'Connecting',
    connected: 'Connected',
    ended: 'The session has ended.',
    broken: 'The session broke off: {reason}',
    notRunning: 'The instance is {state}. A terminal needs it running.',
    leave: 'Shift+Tab leaves the terminal.',
    input: 'Terminal of {id}',
    beside: 'Console output beside it',
  },
  ko: {
    terminal: '터미널',
    about: 'Session Manager로 여는 인스턴스 안의 루트 셸입니다. 키도, 열린 포트도, 퍼블릭 주소도 필요 없습니다.',
    right: '이 인스턴스에 대한 ssm:StartSession 권한이 필요하며, 모든 세션은 감사 기록에 남습니다.',
    start: '세션 시작',
    again: '새 세션 시작',
    end: '세션 종료',
    connecting: '연결 중',
    connected: '연결됨',
    ended: '세션이 끝났습니다.',
    broken: '세션이 끊어졌습니다: {reason}',
    notRunning: '인스턴스 상태가 {state}입니다. 터미널을 열려면 실행 중이어야 합니다.',
    leave: 'Shift+Tab으로 터미널에서 나갑니다.',
    input: '{id}의 터미널',
    beside: '콘솔 출력 함께 보기',
  },
});
