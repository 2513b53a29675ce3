/** The one fixture: both services as stand-ins, a clock that is moved, accounts, the production graph. */
package dev.atlasrotator.testbed;
