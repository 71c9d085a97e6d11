BEGIN TRANSACTION;
CREATE TABLE nas_alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT nas_alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "nas_alembic_version" VALUES('0004');
CREATE TABLE nas_attempts (
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	driver_id INTEGER, 
	state TEXT NOT NULL, 
	accepted BOOLEAN DEFAULT false NOT NULL, 
	cause TEXT, 
	message TEXT DEFAULT '' NOT NULL, 
	worker TEXT DEFAULT '' NOT NULL, 
	started_s FLOAT NOT NULL, 
	ended_s FLOAT, 
	wall_s FLOAT, 
	late_s FLOAT, 
	late_state TEXT, 
	result TEXT, 
	CONSTRAINT pk_nas_attempts PRIMARY KEY (study_id, number, attempt), 
	CONSTRAINT fk_nas_attempts_driver_id FOREIGN KEY(driver_id) REFERENCES nas_drivers (id), 
	CONSTRAINT fk_nas_attempts_study_id_number FOREIGN KEY(study_id, number) REFERENCES nas_trials (study_id, number) ON DELETE CASCADE
);
INSERT INTO "nas_attempts" VALUES(1,1,1,1,'complete',1,NULL,'','w',1.79536587383798813821e+09,1.7953658738849804401e+09,0.1,NULL,NULL,'{"values":[3290.0],"metrics":{"macs":3290.0}}');
INSERT INTO "nas_attempts" VALUES(1,2,1,1,'pruned',1,NULL,'','w',1.79536587383798813821e+09,1.7953658738849804401e+09,0.1,NULL,NULL,'{"values":[5922.0],"metrics":{"macs":5922.0}}');
INSERT INTO "nas_attempts" VALUES(1,3,1,1,'failed',1,'error','broken','w',1.79536587383798813821e+09,1.7953658738849804401e+09,0.1,NULL,NULL,'{"values":[],"metrics":{}}');
INSERT INTO "nas_attempts" VALUES(1,4,1,1,'queued',0,'released','its driver stopped','',1.79536587383798813821e+09,1.79536587392698383336e+09,NULL,NULL,NULL,NULL);
CREATE TABLE nas_audit (
	id INTEGER NOT NULL, 
	at_s FLOAT NOT NULL, 
	actor TEXT NOT NULL, 
	address TEXT NOT NULL, 
	action TEXT NOT NULL, 
	study TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	CONSTRAINT pk_nas_audit PRIMARY KEY (id)
);
INSERT INTO "nas_audit" VALUES(1,1.7953658739199831486e+09,'Ada','127.0.0.1','note','old','trial 1','done');
CREATE TABLE nas_drivers (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	lease_s FLOAT NOT NULL, 
	started_s FLOAT NOT NULL, 
	lease_until_s FLOAT NOT NULL, 
	ended_s FLOAT, 
	lost BOOLEAN DEFAULT false NOT NULL, 
	CONSTRAINT pk_nas_drivers PRIMARY KEY (id), 
	CONSTRAINT fk_nas_drivers_study_id FOREIGN KEY(study_id) REFERENCES nas_studies (id) ON DELETE CASCADE
);
INSERT INTO "nas_drivers" VALUES(1,1,'node-1/boot/1',11,60.0,1.79536587311000967025e+09,1.7953659331100096702e+09,1.79536587392698383336e+09,0);
CREATE TABLE nas_epochs (
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	value FLOAT, 
	metrics TEXT NOT NULL, 
	wall_s FLOAT NOT NULL, 
	reported_s FLOAT NOT NULL, 
	CONSTRAINT pk_nas_epochs PRIMARY KEY (study_id, number, attempt, epoch), 
	CONSTRAINT fk_nas_epochs_study_id_number FOREIGN KEY(study_id, number) REFERENCES nas_trials (study_id, number) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "nas_epochs" VALUES(1,1,1,1,3290.0,'{"macs":3290.0}',0.1,1.79536587386599040027e+09);
INSERT INTO "nas_epochs" VALUES(1,2,1,1,5922.0,'{"macs":5922.0}',0.1,1.79536587386599040027e+09);
INSERT INTO "nas_epochs" VALUES(1,3,1,1,11186.0,'{"macs":11186.0}',0.1,1.79536587386599040027e+09);
CREATE TABLE nas_gone (
	name TEXT NOT NULL, 
	last INTEGER NOT NULL, 
	CONSTRAINT pk_nas_gone PRIMARY KEY (name)
);
CREATE TABLE nas_metrics (
	study_id INTEGER NOT NULL, 
	metric TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	value FLOAT, 
	CONSTRAINT pk_nas_metrics PRIMARY KEY (study_id, metric, number), 
	CONSTRAINT fk_nas_metrics_study_id_number FOREIGN KEY(study_id, number) REFERENCES nas_trials (study_id, number) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "nas_metrics" VALUES(1,'macs',1,3290.0);
INSERT INTO "nas_metrics" VALUES(1,'macs',2,5922.0);
CREATE TABLE nas_notes (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	number INTEGER, 
	text TEXT NOT NULL, 
	author TEXT NOT NULL, 
	created_s FLOAT NOT NULL, 
	CONSTRAINT pk_nas_notes PRIMARY KEY (id), 
	CONSTRAINT fk_nas_notes_study_id FOREIGN KEY(study_id) REFERENCES nas_studies (id) ON DELETE CASCADE, 
	CONSTRAINT fk_nas_notes_study_id_number FOREIGN KEY(study_id, number) REFERENCES nas_trials (study_id, number) ON DELETE CASCADE
);
INSERT INTO "nas_notes" VALUES(1,1,1,'the narrowest of all','Ada',1.79536587389801597595e+09);
CREATE TABLE nas_params (
	study_id INTEGER NOT NULL, 
	label TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	value FLOAT, 
	json TEXT NOT NULL, 
	CONSTRAINT pk_nas_params PRIMARY KEY (study_id, label, number), 
	CONSTRAINT fk_nas_params_study_id_number FOREIGN KEY(study_id, number) REFERENCES nas_trials (study_id, number) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "nas_params" VALUES(1,'width',1,5.0,'5');
INSERT INTO "nas_params" VALUES(1,'width',2,9.0,'9');
INSERT INTO "nas_params" VALUES(1,'width',3,17.0,'17');
INSERT INTO "nas_params" VALUES(1,'width',4,33.0,'33');
CREATE TABLE nas_refusals (
	study_id INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	num BIGINT NOT NULL, 
	CONSTRAINT pk_nas_refusals PRIMARY KEY (study_id, reason), 
	CONSTRAINT fk_nas_refusals_study_id FOREIGN KEY(study_id) REFERENCES nas_studies (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "nas_refusals" VALUES(1,'params <= 3000',2);
CREATE TABLE nas_screened (
	study_id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	draw BIGINT NOT NULL, 
	arch_id TEXT NOT NULL, 
	point TEXT NOT NULL, 
	score FLOAT, 
	CONSTRAINT pk_nas_screened PRIMARY KEY (study_id, "key"), 
	CONSTRAINT fk_nas_screened_study_id FOREIGN KEY(study_id) REFERENCES nas_studies (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE nas_studies (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	spec TEXT NOT NULL, 
	space TEXT NOT NULL, 
	data TEXT NOT NULL, 
	evaluator TEXT NOT NULL, 
	sampler TEXT NOT NULL, 
	metric TEXT NOT NULL, 
	minimize BOOLEAN NOT NULL, 
	artifacts TEXT NOT NULL, 
	attributes TEXT DEFAULT '{}' NOT NULL, 
	budget INTEGER NOT NULL, 
	wanted TEXT DEFAULT 'run' NOT NULL, 
	ending TEXT, 
	created_s FLOAT NOT NULL, 
	changed_s FLOAT NOT NULL, 
	revision BIGINT DEFAULT '0' NOT NULL, 
	next_number INTEGER DEFAULT '1' NOT NULL, 
	next_draw BIGINT DEFAULT '0' NOT NULL, 
	num_queued INTEGER DEFAULT '0' NOT NULL, 
	num_running INTEGER DEFAULT '0' NOT NULL, 
	num_complete INTEGER DEFAULT '0' NOT NULL, 
	num_pruned INTEGER DEFAULT '0' NOT NULL, 
	num_failed INTEGER DEFAULT '0' NOT NULL, 
	num_cancelled INTEGER DEFAULT '0' NOT NULL, 
	num_infeasible INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_nas_studies PRIMARY KEY (id), 
	CONSTRAINT ck_nas_studies_budget CHECK (num_queued + num_running + num_complete + num_pruned + num_failed <= budget), 
	CONSTRAINT ck_nas_studies_counters CHECK (num_queued >= 0 AND num_running >= 0 AND num_complete >= 0 AND num_pruned >= 0 AND num_failed >= 0 AND num_cancelled >= 0 AND num_infeasible >= 0), 
	CONSTRAINT uq_nas_studies_name UNIQUE (name)
);
INSERT INTO "nas_studies" VALUES(1,'old','{"space":{"space":{"space":"small","about":"One convolution.","input":{"channels":1,"size":8,"classes":10},"parameters":{"width":{"int":[1,200]}},"constraints":["params <= 3000"],"architecture":[{"conv":{"out":"=width","kernel":3}},"norm","relu","global_avg_pool",{"linear":{"out":"=input.classes"}}],"training":{"epochs":3}},"data":null},"data":"digits","recipe":{"epochs":3},"evaluator":"cost","objectives":[["macs","minimize"]],"sampler":"random","stopper":"none","seed":7,"timeout_s":null,"limits":[],"screen":null,"repeat":1}','small','digits','cost','random','macs',1,'memory://old','{}',6,'run',NULL,1.79536587308900809291e+09,1.79536587392698383336e+09,7,5,6,1,0,1,1,1,0,0);
CREATE TABLE nas_trials (
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	arch_id TEXT NOT NULL, 
	point TEXT NOT NULL, 
	attributes TEXT NOT NULL, 
	draw BIGINT NOT NULL, 
	seed TEXT NOT NULL, 
	params BIGINT, 
	macs BIGINT, 
	activations BIGINT, 
	train_bytes BIGINT, 
	layers BIGINT, 
	receptive_field BIGINT, 
	paths TEXT, 
	attempt INTEGER NOT NULL, 
	epoch INTEGER DEFAULT '0' NOT NULL, 
	driver_id INTEGER, 
	num_values INTEGER DEFAULT '0' NOT NULL, 
	value_0 FLOAT, 
	value_1 FLOAT, 
	value_2 FLOAT, 
	value_3 FLOAT, 
	metrics TEXT, 
	cause TEXT, 
	message TEXT DEFAULT '' NOT NULL, 
	worker TEXT DEFAULT '' NOT NULL, 
	created_s FLOAT NOT NULL, 
	started_s FLOAT, 
	ended_s FLOAT, 
	wall_s FLOAT, 
	revision BIGINT NOT NULL, 
	CONSTRAINT pk_nas_trials PRIMARY KEY (study_id, number), 
	CONSTRAINT fk_nas_trials_driver_id FOREIGN KEY(driver_id) REFERENCES nas_drivers (id), 
	CONSTRAINT fk_nas_trials_study_id FOREIGN KEY(study_id) REFERENCES nas_studies (id) ON DELETE CASCADE
);
INSERT INTO "nas_trials" VALUES(1,1,'complete','00000000000000000000000000000005','0000000000000005','{"width":5}','{}',0,'5',115,2930,330,4256,2,3,'1',1,1,1,1,3290.0,NULL,NULL,NULL,'{"macs":3290.0}',NULL,'','w',1.79536587383798813821e+09,1.79536587383798813821e+09,1.7953658738849804401e+09,0.1,5);
INSERT INTO "nas_trials" VALUES(1,2,'pruned','00000000000000000000000000000009','0000000000000009','{"width":9}','{}',1,'9',199,5274,586,7360,2,3,'1',1,1,1,1,5922.0,NULL,NULL,NULL,'{"macs":5922.0}',NULL,'','w',1.79536587383798813821e+09,1.79536587383798813821e+09,1.7953658738849804401e+09,0.1,5);
INSERT INTO "nas_trials" VALUES(1,3,'failed','00000000000000000000000000000011','0000000000000011','{"width":17}','{}',2,'17',367,9962,1098,13568,2,3,'1',1,1,1,0,NULL,NULL,NULL,NULL,'{}','error','broken','w',1.79536587383798813821e+09,1.79536587383798813821e+09,1.7953658738849804401e+09,0.1,5);
INSERT INTO "nas_trials" VALUES(1,4,'queued','00000000000000000000000000000021','0000000000000021','{"width":33}','{}',3,'33',703,19338,2122,25984,2,3,'1',1,0,1,0,NULL,NULL,NULL,NULL,NULL,NULL,'','',1.79536587383798813821e+09,1.79536587383798813821e+09,NULL,NULL,7);
CREATE INDEX ix_nas_drivers_study_id_ended_s ON nas_drivers (study_id, ended_s);
CREATE INDEX ix_nas_trials_best ON nas_trials (study_id, state, value_0, number);
CREATE UNIQUE INDEX ix_nas_trials_key ON nas_trials (study_id, "key");
CREATE INDEX ix_nas_trials_revision ON nas_trials (study_id, revision, number);
CREATE INDEX ix_nas_trials_state ON nas_trials (study_id, state, number);
CREATE INDEX ix_nas_trials_value ON nas_trials (study_id, value_0, number);
CREATE UNIQUE INDEX ix_nas_attempts_accepted ON nas_attempts (study_id, number) WHERE accepted;
CREATE INDEX ix_nas_screened_draw ON nas_screened (study_id, draw);
CREATE INDEX ix_nas_notes_number ON nas_notes (study_id, number, id);
CREATE INDEX ix_nas_attempts_cause ON nas_attempts (study_id, cause, started_s, state) WHERE cause IS NOT NULL;
CREATE INDEX ix_nas_trials_list ON nas_trials (study_id, number, state, value_0, value_1, value_2, value_3, params, macs, activations, train_bytes, layers, receptive_field, arch_id, attempt, epoch, cause, worker, created_s, started_s, ended_s, wall_s);
COMMIT;
