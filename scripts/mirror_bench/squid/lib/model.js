// The one table of the squid: events, as the naive loop has it.
const { Column, Entity, PrimaryColumn } = require("typeorm");

class Event {
  constructor(values) {
    Object.assign(this, values);
  }
}
PrimaryColumn("text")(Event.prototype, "id");
Column("int4")(Event.prototype, "block");
for (const name of ["contract", "name", "args"]) Column("text")(Event.prototype, name);
Entity()(Event);

module.exports = { Event };
