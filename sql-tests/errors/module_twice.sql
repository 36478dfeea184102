-- title: module twice
-- features: errors

USE MODULES core, core;
