/** Loaded before the program: Wine 8 does not know the option of a socket by which Node.js keeps idle connections alive. */
const { Socket } = require('node:net')

Socket.prototype.setKeepAlive = function setNothing() {
  return this
}
