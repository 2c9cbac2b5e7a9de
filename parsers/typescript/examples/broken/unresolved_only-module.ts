import { Account } from './account';

export class Savings extends Account {
  balance(): number {
    return this.deposits * 2;
  }
}
