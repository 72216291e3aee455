/** What the chat says before anything else of it is loaded. */
export const firstEn = {
  attach: 'Attach files',
  camera: 'Take a photo',
  dropHere: 'Drop the files here',
  attachedFile: 'File',
  signedOutTitle: 'You are signed out',
  signedOutSub: 'Sign in again and this goes on. What you wrote is kept on this device.',
  signedOutGuest: 'Go on as a guest',
  eventJoined: (name: string) => `${name} has joined the conversation.`,
  eventHandover: 'The conversation was passed to a colleague.',
  eventReturned: 'You are back in line. A colleague takes over as soon as one is free.',
  eventEnded: 'You ended this conversation. Write again and it reopens.',
  eventSignedIn: 'You signed in. The conversation goes on under your account.',
  myRequests: 'All my requests',
  jumpNewest: 'Newest messages',
};
export type FirstTalk = typeof firstEn;
