// Run by Node.js: a CDK app that includes each template in a stack of its own, cdk-nag and cdk-preflight on it.
//
// node validate.js FOLDER TEMPLATE …   writes FOLDER/validation-report.json, where stack `Template7` is the eighth
// template, and prints, by template, why the CDK could not include it.
"use strict";

const { App, LegacyStackSynthesizer, Stack, Validations } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const { AwsSolutionsChecks } = require("cdk-nag");
const { Preflight } = require("cdk-preflight");

const [folder, ...templates] = process.argv.slice(2);
const app = new App({ outdir: folder });
const refused = {};
templates.forEach((templateFile, index) => {
  const name = `Template${index}`;
  // The legacy synthesizer adds no parameter and no rule of the CDK's own.
  const stack = new Stack(app, name, { synthesizer: new LegacyStackSynthesizer() });
  try {
    new CfnInclude(stack, "Template", { templateFile });
  } catch (error) {
    refused[templateFile] = String(error.message);
    app.node.tryRemoveChild(name);
  }
});
Preflight.apply(app);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
try {
  app.synth();
} catch (error) {
  // Findings fail the synthesis; the report is there all the same.
  process.stderr.write(`${error.message}\n`);
}
process.stdout.write(JSON.stringify(refused));
