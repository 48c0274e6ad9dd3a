export const SITE_TITLE = 'Corners';
