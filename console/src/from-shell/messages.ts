/** What the shell panel says. */

import { catalogue } from '../language/catalogue.ts';

export const messages = catalogue({
  en: {
    title: 'Do it from a shell',
    description: 'The same call, ready to copy. It changes as you fill in the form.',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'Could not be copied',
  },
  ko: {
    title: '셸에서 실행하기',
    description: '양식을 채우는 대로 바뀌는 같은 호출입니다. 복사해서 바로 쓸 수 있습니다.',
    copy: '복사',
    copied: '복사했습니다',
    notCopied: '복사하지 못했습니다',
  },
});
