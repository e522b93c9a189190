declare module 'stillhouse';
