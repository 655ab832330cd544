// @ts-check
// Objects to begin with: what they are called, and the fields that their records usually have.

/** @typedef {{name: string, dataType: string, options?: string[]}} TemplateField */
/** @typedef {{singular: string, plural: string, primary: string, fields: TemplateField[]}} Template */

/** @param {string} name @param {string} [dataType] @param {string[]} [options] @returns {TemplateField} */
const field = (name, dataType = "TEXT", options) => (options ? { name, dataType, options } : { name, dataType });

/** @type {Template[]} */
export const TEMPLATES = [
  {
    singular: "Property",
    plural: "Properties",
    primary: "Address",
    fields: [field("City"), field("Type", "SINGLE_OPTIONS", ["House", "Flat", "Office", "Land"]), field("Bedrooms", "NUMERICAL"), field("Price", "MONETORY"), field("Listed on", "DATE")],
  },
  {
    singular: "Vehicle",
    plural: "Vehicles",
    primary: "Plate",
    fields: [field("Make"), field("Model"), field("Year", "NUMERICAL"), field("Mileage", "NUMERICAL"), field("Serviced on", "DATE")],
  },
  {
    singular: "Pet",
    plural: "Pets",
    primary: "Name",
    fields: [field("Species", "SINGLE_OPTIONS", ["Dog", "Cat", "Rabbit", "Bird"]), field("Breed"), field("Born on", "DATE"), field("Weight (kg)", "NUMERICAL"), field("Notes", "LARGE_TEXT")],
  },
  {
    singular: "Policy",
    plural: "Policies",
    primary: "Number",
    fields: [field("Kind", "SINGLE_OPTIONS", ["Car", "Home", "Life", "Health"]), field("Insurer"), field("Premium", "NUMERICAL"), field("Begins on", "DATE"), field("Ends on", "DATE")],
  },
];
