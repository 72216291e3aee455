import { HelpApi } from '../../../sdk';
import { options } from '../lib/api';

export const help = new HelpApi(options);
