/** All services, with search, what was visited lately, and favourites. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { messages } from './messages.ts';
import { goTo, hrefOf } from './places.ts';
import { services, type ServiceEntry } from './services.ts';
import { choose, useSettings } from './settings.ts';

export function ServicesMenu({ onClose }: { onClose(): void }) {
  const t = useText(messages);
  const { language, recent, favourites } = useSettings();
  const [wanted, setWanted] = useState('');
  const text = wanted.trim().toLowerCase();
  const found = services.filter(({ id, name, about }) => `${id} ${name} ${about.en} ${about.ko}`.toLowerCase().includes(text));
  const open = ({ id }: ServiceEntry): void => {
    onClose();
    goTo(hrefOf([id]));
  };
  const listed = (ids: readonly string[]): ServiceEntry[] => ids.flatMap((id) => services.find((service) => service.id === id) ?? []);
  const group = (title: string, members: readonly ServiceEntry[]) =>
    members.length > 0 && (
      <SpaceBetween size="xs">
        <Box variant="h3">{title}</Box>
        <ColumnLayout columns={2}>
          {members.map((service) => {
            const isFavourite = favourites.includes(service.id);
            return (
              <div key={service.id} className="service">
                <Button
                  variant="icon"
                  iconName={isFavourite ? 'star-filled' : 'star'}
                  ariaLabel={fill(isFavourite ? t.removeFavourite : t.addFavourite, { name: service.name })}
                  onClick={() =>
                    choose({ favourites: isFavourite ? favourites.filter((id) => id !== service.id) : [...favourites, service.id] })
                  }
                />
                <div>
                  <Link
                    fontSize="heading-s"
                    href={hrefOf([service.id])}
                    onFollow={(event) => {
                      event.preventDefault();
                      open(service);
                    }}
                  >
                    {service.name}
                  </Link>
                  <Box variant="small" display="block">
                    {service.about[language]}
                  </Box>
                </div>
              </div>
            );
          })}
        </ColumnLayout>
      </SpaceBetween>
    );
  return (
    <Modal visible size="large" header={t.services} closeAriaLabel={t.close} onDismiss={onClose}>
      <SpaceBetween size="l">
        <Input
          type="search"
          autoFocus
          value={wanted}
          placeholder={t.searchServices}
          ariaLabel={t.searchServices}
          onChange={({ detail }) => setWanted(detail.value)}
          onKeyDown={({ detail }) => detail.key === 'Enter' && found[0] && open(found[0])}
        />
        {text === '' && group(t.favourites, listed(favourites))}
        {text === '' && group(t.recent, listed(recent))}
        {found.length === 0 ? <Box color="text-body-secondary">{t.noService}</Box> : group(t.allServices, found)}
      </SpaceBetween>
    </Modal>
  );
}
