/** What the shell panel says. */

import { catalogue } from '../language/catalogue.ts';

export const messages = catalogue({
  en: {
    title: 'Do it from a shell',
    description: 'The same call, ready to copy. It changes as you fill in the form.',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'Could not be copied',
    terraformHasNone: 'Terraform declares what shall be there, and has no words for this call. Use the AWS CLI or the SDK.',
    terraformDeletes: 'Take the block of what shall go out of your configuration; terraform apply then deletes it.',
  },
  ko: {
    title: '셸에서 실행하기',
    description: '양식을 채우는 대로 바뀌는 같은 호출입니다. 복사해서 바로 쓸 수 있습니다.',
    copy: '복사',
    copied: '복사했습니다',
    notCopied: '복사하지 못했습니다',
    terraformHasNone: 'Terraform은 있어야 할 것을 선언하며, 이 호출을 나타내는 말이 없습니다. AWS CLI나 SDK를 사용하세요.',
    terraformDeletes: '없어져야 할 것의 블록을 구성에서 빼고 terraform apply를 실행하면 삭제됩니다.',
  },
});
